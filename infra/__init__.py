"""The machines: settings, broker, topics, logs, supervision."""
