"""The Lua scripts, put together from their files.

Redis knows no modules, so functions that two scripts need stand in files of their own, and the script that uses them
is the end of one text.
"""

from importlib.resources import files

# Refused when memory is out, as a whole and before the first write.
_GROWING = "#!lua\n"
# Steps that make the journal smaller must run when memory is out, or it would stay so.
_SHRINKING = "#!lua flags=allow-oom\n"


def read_script(*names: str, package: str = "shared.journal", may_exceed_memory: bool = True) -> str:
    """The text of a script: files of `package`'s folder `lua`, or `<package>/<file>` for another package's."""
    parts = [_SHRINKING if may_exceed_memory else _GROWING]
    for name in names:
        other, _, file = name.rpartition("/")
        parts.append(files(other or package).joinpath("lua", file).read_text(encoding="utf-8"))
    return "".join(parts)
