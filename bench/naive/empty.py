"""FastAPI routes that do nothing: as fast as anything behind FastAPI can be.

uvicorn bench.naive.empty:app --no-access-log
"""

from fastapi import FastAPI

from bench.naive.views import View

app = FastAPI()


@app.post("/empty", status_code=202)
async def post_nothing() -> dict[str, int]:
    return {"accepted": 1}


@app.post("/validated", status_code=202)
async def post_view(view: View) -> dict[str, int]:  # noqa: ARG001 - reading and validating it is all that it does
    return {"accepted": 1}
