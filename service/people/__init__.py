"""People as those see them who look after them: roles, who is kept out, who is gone."""
