"""Mail: into a folder, or by SMTP."""
