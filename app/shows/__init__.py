"""The run of show: one table of cues, its versions, its times."""
