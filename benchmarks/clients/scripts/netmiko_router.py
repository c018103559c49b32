"""A connection of Netmiko to the emulated router of this run."""

import os
import tempfile

from netmiko import ConnectHandler, SSHDetect, file_transfer

LOGIN = {
    "host": os.environ["ROUTER_HOST"],
    "port": int(os.environ["ROUTER_PORT"]),
    "username": os.environ["ROUTER_USER"],
    "password": os.environ["ROUTER_PASSWORD"],
    "secret": os.environ["ROUTER_SECRET"],
}


class Router:
    def __init__(self, device_type):
        self.device_type = device_type
        self.connection = ConnectHandler(device_type=device_type, **LOGIN)

    def parsed(self, command):
        """A function that reads a report and parses it with TextFSM."""
        return lambda: self.connection.send_command(command, use_textfsm=True)

    def answer_to(self, command, pattern):
        """The name of the error that a refused line of configuration raises, or that it was accepted."""
        return self.refused_by([command], pattern)

    def refused_by(self, commands, pattern="% Invalid"):
        """The name of the error that lines of configuration raise, or that they were accepted."""
        try:
            self.connection.send_config_set(commands, error_pattern=pattern)
        except Exception as error:  # noqa: BLE001
            self.connection.exit_config_mode()
            return type(error).__name__
        return "accepted"

    def recognized(self):
        """The type of the device as Netmiko finds it out."""
        return SSHDetect(device_type="autodetect", **LOGIN).autodetect()

    def transferred(self, direction):
        """What Netmiko reports of the transfer of a file, to the device or back."""
        connection = ConnectHandler(device_type=self.device_type, **LOGIN)
        connection.enable()
        with tempfile.TemporaryDirectory() as folder:
            own, back = os.path.join(folder, "own.txt"), os.path.join(folder, "back.txt")
            with open(own, "w", encoding="ascii") as file:
                file.write("a file of 40 characters for the device\n\n")
            names = {"source_file": own, "dest_file": "netmiko.txt"}
            if direction == "get":
                names = {"source_file": "netmiko.txt", "dest_file": back}
            found = file_transfer(connection, **names, file_system="bootflash:", direction=direction)
        connection.disconnect()
        return str(found)
