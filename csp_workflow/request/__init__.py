"""The rules that open a cycle: its dates, what each respondent is asked, the proof pack, and SEND."""
