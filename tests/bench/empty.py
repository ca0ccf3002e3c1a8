"""What reads are measured beside: a FastAPI application that does nothing."""

from fastapi import FastAPI

app = FastAPI()


@app.get("/")
async def empty() -> dict[str, bool]:
    return {"ok": True}
