"""A deployment looked over."""
