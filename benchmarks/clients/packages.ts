/** Public clients of routers, from the Python package index. */
export const CLIENT_PACKAGES = ["netmiko>=4.6,<5", "napalm>=5,<6", "ansible>=12,<14", "paramiko>=3"];
