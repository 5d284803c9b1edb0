"""The policy lab: past orders decided again under the terms a draft would have frozen. Pure."""
