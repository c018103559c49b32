import type { LabDescription } from "../common/description";
import type { ConnectionProof } from "./control";

/** What became of a connection, in one line. */
export function describeProof(proof: ConnectionProof): string {
  if (!proof.audit) return `direct: the server saw ${proof.peerSeenByServer}, SPS recorded nothing`;
  const { time, client, server } = proof.audit;
  return `passed SPS: the server saw ${proof.peerSeenByServer}; audit record ${time} ${client} -> ${server}`;
}

/** A lab as a person reads it; secrets stay in the files and the JSON form. */
export function describeForPeople(lab: LabDescription): string {
  const lines = [`lab ${lab.name} is up (appliance time runs at ${lab.speed} times the wall clock)`];
  for (const node of lab.sps)
    lines.push(`  SPS    https://${node.address}:${node.port}  ${node.hostName}  user ${node.username}`);
  lines.push(`  SPP    https://${lab.spp.address}:${lab.spp.port}  ${lab.spp.hostName}  user ${lab.spp.username}`);
  if (lab.network) {
    const { router, client, server, sps } = lab.network;
    lines.push(`  router ssh ${router.username}@${router.address} -p ${router.port} -i ${router.privateKeyFile}`);
    lines.push(`  wires  client ${client.address} — router — server ${server.address}; SPS host ${sps.address}`);
  } else {
    lines.push(`  router none: ${lab.networkUnavailable}`);
  }
  lines.push(`  files  ${lab.directory}`);
  lines.push(
    "next: npm run lab -- up --json prints passwords and keys for programs; npm run lab -- down ends everything",
  );
  return `${lines.join("\n")}\n`;
}
