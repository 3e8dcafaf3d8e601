"""A FastAPI route that validates one view and hands it to Celery.

uvicorn bench.naive.app:app --no-access-log
"""

from fastapi import FastAPI

from bench.naive.tasks import count_view
from bench.naive.views import View

app = FastAPI()


# Not `async def`: `apply_async` waits for the broker, so FastAPI calls it in a thread.
@app.post("/views", status_code=202)
def post_view(view: View) -> dict[str, int]:
    count_view.apply_async(args=(view.model_dump(exclude_none=True),))
    return {"accepted": 1}
