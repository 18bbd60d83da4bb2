"""The rules of sending: may this letter leave, now, to this person? They decide; `steps.post` hands over."""
