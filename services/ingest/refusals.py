"""Why a request is refused, as problem details."""

from datetime import timedelta
from http import HTTPStatus
from math import ceil
from typing import Final

from services.ingest.commit_batches import CommitError
from shared.api_keys.authenticate import AuthenticationError, MissingKeyError, MissingScopeError
from shared.api_keys.ports import ApiKeyStoreError
from shared.http.problems import ProblemError
from shared.journal.ports import JournalFullError, JournalUnavailableError

REFUSALS: Final = (
    JournalFullError,
    JournalUnavailableError,
    CommitError,
    ApiKeyStoreError,
    AuthenticationError,
    MissingScopeError,
)


class Refusals:
    """Turns the errors named in `REFUSALS` into answers. `retry_after` is what busy answers advise."""

    def __init__(self, *, retry_after: timedelta) -> None:
        self._retry_after = {"Retry-After": str(ceil(retry_after.total_seconds()))}

    def problem_of(self, error: Exception) -> ProblemError:
        """The answer to one of `REFUSALS`; anything else is raised again."""
        match error:
            case JournalFullError():
                return self._busy("journal-full", str(error))
            case JournalUnavailableError() | CommitError():
                return self._busy(
                    "journal-unavailable",
                    "the journal cannot be written now; send the same events again, with the same ids",
                )
            case ApiKeyStoreError():
                return self._busy("keys-unavailable", "API keys cannot be checked now")
            case AuthenticationError():
                slug = "key-missing" if isinstance(error, MissingKeyError) else "key-invalid"
                return ProblemError(
                    HTTPStatus.UNAUTHORIZED, slug, str(error), headers={"WWW-Authenticate": 'Bearer realm="khobor"'}
                )
            case MissingScopeError():
                return ProblemError(HTTPStatus.FORBIDDEN, "scope-missing", str(error))
            case _:
                raise error

    def _busy(self, slug: str, detail: str) -> ProblemError:
        return ProblemError(HTTPStatus.SERVICE_UNAVAILABLE, slug, detail, headers=self._retry_after)
