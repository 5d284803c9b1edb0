"""The policy lab: runs over the past under a draft, with progress, cancel and resume."""
