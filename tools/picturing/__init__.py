"""Pictures of Faultline for people: the page, and a session at the terminal."""
