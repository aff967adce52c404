"""Parts of tools/fetch.py: pinned files out of registry packages, verified, never half written."""
