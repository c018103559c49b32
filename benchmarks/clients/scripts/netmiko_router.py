"""A connection of Netmiko to the emulated router of this run."""

import os

from netmiko import ConnectHandler


class Router:
    def __init__(self, device_type):
        self.connection = ConnectHandler(
            device_type=device_type,
            host=os.environ["ROUTER_HOST"],
            port=int(os.environ["ROUTER_PORT"]),
            username=os.environ["ROUTER_USER"],
            password=os.environ["ROUTER_PASSWORD"],
            secret=os.environ["ROUTER_SECRET"],
        )

    def parsed(self, command):
        """A function that reads a report and parses it with TextFSM."""
        return lambda: self.connection.send_command(command, use_textfsm=True)

    def answer_to(self, command, pattern):
        """The name of the error that a refused line of configuration raises, or that it was accepted."""
        try:
            self.connection.send_config_set([command], error_pattern=pattern)
        except Exception as error:  # noqa: BLE001
            return type(error).__name__
        return "accepted"
