"""Payment providers: our own strict sandbox, and what stores its memory."""
