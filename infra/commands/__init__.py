"""`pdm run up` and `pdm run down`: the program through Pulumi's Automation API, no account."""
