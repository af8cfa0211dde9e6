"""Stand-ins for providers: real servers on 127.0.0.1 that keep the providers' rules."""
