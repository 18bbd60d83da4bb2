"""The letters: what each says (one function, one folder of templates), and how it becomes frozen bytes."""
