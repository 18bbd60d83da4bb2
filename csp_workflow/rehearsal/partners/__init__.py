"""Simulated people. They read their mail, open attachments in a spreadsheet program and reply.

They share no code with the forms' writer or reader: like the real people they find their way by
the words on the page. import-linter keeps it so.
"""
