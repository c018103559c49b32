import { installPackages, type PythonEnvironment } from "../python/environment";

/** Public clients of routers, from the Python package index. */
const CLIENT_PACKAGES = ["netmiko>=4.6,<5", "napalm>=5,<6", "ansible>=12,<14", "paramiko>=3"];

/** NAPALM's driver for Gaia asks for NAPALM 2.5, and is installed beside the one above. */
const CLIENT_PACKAGES_ALONE = ["napalm-gaia==0.0.15"];

/** Installs the public clients, unless they are installed. */
export function installClients(): PythonEnvironment {
  return installPackages("clients", CLIENT_PACKAGES, CLIENT_PACKAGES_ALONE);
}
