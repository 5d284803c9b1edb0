"""Where the policy lab computes: processes of this machine, or a Ray cluster."""
