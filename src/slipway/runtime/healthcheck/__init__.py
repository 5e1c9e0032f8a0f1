"""The check before a task's command: can its instances talk to each other, and how fast (TRN-14)."""
