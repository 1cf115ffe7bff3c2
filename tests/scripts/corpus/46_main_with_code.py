import sys
import traceback


class ConfigError(Exception):
    """配置不对"""

    def __init__(self, key):
        super().__init__(f"缺少配置 {key}")
        self.key = key


def load(config):
    if "token" not in config:
        raise ConfigError("token")
    return config


def main(argv):
    print("参数个数", len(argv), "name", __name__)
    for config in ({"token": "x"}, {}):
        try:
            load(config)
            print("配置正确")
        except ConfigError as e:
            print("捕获:", e, e.key)
            print(traceback.format_exc().strip().splitlines()[-1].split(".")[-1])
        else:
            print("继续")
        finally:
            print("收尾")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
