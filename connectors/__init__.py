"""The customers' side: one folder or file per provider, all behind one contract."""
