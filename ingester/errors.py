"""What can stop the program, as a tree. What befalls one feed or page is a `models.Failed`.

IngesterError
├── ConfigurationError     a setting, a file or a command-line value is wrong: mend it, then retry
├── DatabaseError
│   ├── DatabaseUnavailable   no server answers: a retry helps once it is back
│   ├── Refused               the database won't hold this one article: others are not touched
│   └── SchemaMismatch        the database is older or newer than this program: migrate
└── EmbeddedPostgresError  the bundled Postgres can't start: its message says what to do
"""


class IngesterError(Exception):
    """Anything this program raises on purpose; its message says what to do next."""


class ConfigurationError(IngesterError):
    """A setting, a file or a command-line value is wrong; a retry helps only once it is mended."""


class DatabaseError(IngesterError):
    """The database can't be used as it is."""


class DatabaseUnavailable(DatabaseError):
    """No Postgres answers at the address; a retry helps once it is back."""


class Refused(DatabaseError):
    """The database won't hold what is to be written; a retry with the same values won't help."""


class SchemaMismatch(DatabaseError):
    """The database's schema is older or newer than this program; `ingester db migrate` mends an older one."""


class EmbeddedPostgresError(DatabaseError):
    """The bundled Postgres can't start here; the message names the cause and what to do."""
