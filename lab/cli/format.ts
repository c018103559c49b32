import type { LabDescription } from "../common/description";
import type { ConnectionCheck } from "./control";

/** The path of a connection in one line. */
export function formatConnectionCheck(check: ConnectionCheck): string {
  if (!check.audit) return `direct: the server saw ${check.peerSeenByServer}, SPS recorded nothing`;
  const { time, client, server } = check.audit;
  return `passed SPS: the server saw ${check.peerSeenByServer}; audit record ${time} ${client} -> ${server}`;
}

/** The commands for a lab, with its name unless that is the default. */
export function followUps(name: string): Record<"connect" | "status" | "down", string> {
  const option = name === "lab" ? "" : ` --name ${name}`;
  return {
    connect: `npm run lab -- connect${option}`,
    status: `npm run lab -- status${option}`,
    down: `npm run lab -- down${option}`,
  };
}

/** The description of a lab for a terminal. Passwords and keys appear only in the files and in the JSON form. */
export function formatDescription(lab: LabDescription): string {
  const lines = [`lab ${lab.name} is up (appliance clock at ${lab.speed} times real time)`];
  for (const node of lab.sps)
    lines.push(`  SPS    https://${node.address}:${node.port}  ${node.hostName}  user ${node.username}`);
  lines.push(`  SPP    https://${lab.spp.address}:${lab.spp.port}  ${lab.spp.hostName}  user ${lab.spp.username}`);
  if (lab.network) {
    const { router, client, server, sps } = lab.network;
    lines.push(`  router ssh ${router.username}@${router.address} -p ${router.port} -i ${router.privateKeyFile}`);
    lines.push(`  net    client ${client.address} — router — server ${server.address}; SPS host ${sps.address}`);
  } else {
    lines.push(`  router none: ${lab.networkUnavailable}`);
  }
  if (lab.ciscoIos) {
    const { username, address, port } = lab.ciscoIos;
    lines.push(`  cisco  ssh ${username}@${address} -p ${port}`);
  }
  if (lab.sophosUtm) {
    const { username, address, port } = lab.sophosUtm;
    lines.push(`  sophos https://${address}:${port}/api  user ${username}`);
  }
  if (lab.checkPoint) {
    const { username, address, port } = lab.checkPoint;
    lines.push(`  gaia   ssh ${username}@${address} -p ${port}`);
  }
  lines.push(`  files  ${lab.directory}`);
  const { connect, down } = followUps(lab.name);
  lines.push(`next: ${connect} tests a connection; ${down} stops the lab`);
  return `${lines.join("\n")}\n`;
}
