from scheduling.executors.dify.config import DifyConfig
from scheduling.executors.dify.executor import DifyExecutor
from scheduling.executors.dify.places import Places, app_of

__all__ = ["DifyConfig", "DifyExecutor", "Places", "app_of"]
