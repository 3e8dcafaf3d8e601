"""What the servers of the tests have in common: they open, and close again whatever happens."""

from abc import ABC, abstractmethod
from types import TracebackType
from typing import Self


class Opened(ABC):
    """Use it as a context manager; what does not open is closed at once."""

    @abstractmethod
    def open(self) -> None:
        """Return when it can be used."""

    @abstractmethod
    def close(self) -> None:
        """End it and remove its data, however far `open` came."""

    def __enter__(self) -> Self:
        try:
            self.open()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()
