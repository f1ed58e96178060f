"""What every process needs: settings, topics and how they are read, logs, and what a part says of itself."""
