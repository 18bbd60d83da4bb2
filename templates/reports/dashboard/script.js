for (const form of document.querySelectorAll("form.find")) {
  const list = document.getElementById(form.dataset.list), say = form.querySelector("[aria-live]");
  const items = [...list.querySelectorAll("[data-words]")], groups = [...list.querySelectorAll("[data-group]")];
  const run = () => {
    const words = form.elements.q.value.toLowerCase().split(/\s+/).filter(Boolean);
    const kind = form.elements.kind ? form.elements.kind.value : "";
    let shown = 0;
    for (const item of items) {
      const text = (item.dataset.words + " " + item.textContent).toLowerCase();
      item.hidden = !(words.every(word => text.includes(word)) && (!kind || item.dataset.kind === kind));
      shown += !item.hidden;
    }
    for (const group of groups) group.hidden = !group.querySelector("[data-words]:not([hidden])");
    say.textContent = shown === items.length ? "All " + shown + " are shown."
      : shown ? shown + " of " + items.length + " are shown."
      : "Nothing matches. Clear the search to see all " + items.length + ".";
  };
  form.hidden = false;
  form.addEventListener("input", run);
  form.addEventListener("submit", event => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(run));
  run();
}
