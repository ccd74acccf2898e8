"""The API for other systems, assembled from the routers of the apps."""

from ninja import NinjaAPI

api = NinjaAPI(title="CrisisComm", version="1", urls_namespace="api-v1")
