import { CiscoRouter } from "../../lab/cisco-ios/lab-router";
import { LabCertificateAuthority } from "../../lab/common/certificates";
import { SophosRouter } from "../../lab/sophos-utm/lab-router";
import { ciscoVariables, runPlay } from "./playbook";
import type { Check, PublicClient } from "./run";

/** A router for a playbook: the variables of its host, and how to end it. */
interface Target {
  variables: Record<string, unknown>;
  stop(): Promise<void>;
}

/** A task of a playbook; the device refuses what `isRefused` enters. */
export type Task = Record<string, unknown> & { name: string; isRefused?: true };

/** Ansible's own modules for a router, in a playbook whose tasks name what they check. */
export function ansibleClient(
  router: "cisco-ios" | "sophos-utm",
  tasks: readonly Task[],
  bin: string,
  folder: string,
): PublicClient {
  return {
    client: "ansible",
    router,
    run: async () => {
      const { variables, stop } = router === "cisco-ios" ? await ciscoTarget() : await sophosTarget();
      try {
        const played = tasks.map(({ isRefused: _isRefused, ...task }) => ({ ...task, ignore_errors: true }));
        const play = { bin, folder, name: router, variables, tasks: played, options: ["--diff"] };
        return checksOf(await runPlay(play), tasks);
      } finally {
        await stop();
      }
    },
  };
}

async function ciscoTarget(): Promise<Target> {
  const router = await CiscoRouter.start(undefined, { needsEnable: true });
  const { device, server } = router;
  const variables = {
    ...ciscoVariables(server.address, server.port, device),
    ansible_become: true,
    ansible_become_method: "enable",
    ansible_become_password: device.enablePassword,
  };
  return { variables, stop: () => router.stop() };
}

async function sophosTarget(): Promise<Target> {
  const authority = await LabCertificateAuthority.create("clients");
  const router = await SophosRouter.start(undefined, { authority });
  const { address, port } = router.server;
  const access = { utm_host: address, utm_port: port, utm_token: router.device.token };
  const { certificatePem: certificate, privateKeyPem: key } = await authority.issue({ commonName: "www.example" });
  const pem = { authority: authority.certificatePem, certificate, key };
  return { variables: { ansible_connection: "local", access, pem }, stop: () => router.stop() };
}

/** One check a task, by the lines of the default output. */
function checksOf(output: string, tasks: readonly Task[]): Check[] {
  const parts = output.split(/^TASK \[(.+?)\] \*+$/m).slice(1);
  return tasks.map(({ name: check, isRefused = false }): Check => {
    const index = parts.indexOf(check);
    const text = index < 0 ? "the playbook ended before it" : (parts[index + 1] ?? "");
    const hasFailed = index < 0 || /^(fatal|failed):/m.test(text);
    return { check, passed: index >= 0 && hasFailed === isRefused, detail: text.trim().slice(0, 400) };
  });
}
