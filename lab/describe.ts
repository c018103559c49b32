import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { CheckPointRouter } from "./check-point/lab-router";
import type { CiscoRouter } from "./cisco-ios/lab-router";
import type { LabDescription } from "./common/description";
import { LabNetwork } from "./network/network";
import type { SophosRouter } from "./sophos-utm/lab-router";
import type { SimulatedSpp } from "./spp/simulated-spp";
import type { SimulatedSps } from "./sps/simulated-sps";

/** The parts of a started lab from which its description is made. */
export interface DescriptionInput {
  name: string;
  directory: string;
  speed: number;
  authorityPem: string;
  nodes: readonly SimulatedSps[];
  spsPassword: string;
  spp: SimulatedSpp;
  sppPassword: string;
  /** The network, or the reason why there is none. */
  network: LabNetwork | string;
  ciscoIos: CiscoRouter | undefined;
  sophosUtm: SophosRouter | undefined;
  checkPoint: CheckPointRouter | undefined;
}

/** Builds the description of a lab and writes the files that it refers to. */
export function describeLab(lab: DescriptionInput): LabDescription {
  const caFile = write(lab.directory, "ca.pem", lab.authorityPem);
  return {
    name: lab.name,
    directory: lab.directory,
    speed: lab.speed,
    ca: { file: caFile },
    sps: lab.nodes.map((node) => ({
      address: node.endpoint.address,
      port: node.endpoint.port,
      hostName: node.hostName,
      username: "admin",
      password: lab.spsPassword,
      caFile,
      certificateSha256: node.certificate.sha256,
      nodeId: node.nodeId,
      clusterAddress: node.clusterAddress,
      firmwareVersion: node.firmwareVersion,
    })),
    spp: {
      ...lab.spp.describe(),
      password: lab.sppPassword,
      caFile,
      certificateChainFile: write(lab.directory, "spp-chain.pem", lab.spp.certificate.chainPem),
    },
    ...(lab.ciscoIos && { ciscoIos: lab.ciscoIos.describe() }),
    ...(lab.sophosUtm && { sophosUtm: lab.sophosUtm.describe(caFile) }),
    ...(lab.checkPoint && { checkPoint: lab.checkPoint.describe() }),
    ...(lab.network instanceof LabNetwork ? { network: lab.network.description } : { networkUnavailable: lab.network }),
  };
}

function write(directory: string, name: string, content: string): string {
  const file = join(directory, name);
  writeFileSync(file, content, { mode: 0o600 });
  return file;
}
