import { startPlaybook } from "../ansible/playbook";
import { CLASSIFICATION, type Contender, LAYERS, type Task } from "./contenders";
import { cutCommand } from "./cuts";

/** Ansible's iptables_state with its asynchronous rollback, and commands for the other layers, as in its guide. */
export const ANSIBLE: Contender = {
  name: "ansible iptables_state",
  launch: async (task) =>
    startPlaybook(
      {
        ...task,
        tasks: tasksOf(task),
        settings: {
          ANSIBLE_TIMEOUT: `${task.windowSeconds}`,
          // A master connection would outlive the killed process, and the confirmation would not log in again.
          ANSIBLE_SSH_ARGS: "-o ControlMaster=no",
          PYTHONUNBUFFERED: "1",
        },
      },
      { detached: true, stdio: ["ignore", "pipe", "ignore"] },
    ),
  beginning: (cut) => (cut ? "TASK [classification]" : "TASK [layer 1]"),
  // Pending changes show in the layers; the backup file may stay after the rollback.
  pending: "true",
  working: "true",
  isSeenByProcess: true,
};

function tasksOf({ windowSeconds, cut }: Task): unknown[] {
  const file = "/run/rules.ansible";
  const cutRule = cut ? [(cutCommand(cut).split(" && ")[0] ?? "").replace("iptables ", "")] : [];
  const filter = cut ? ["*filter", ...cutRule, "COMMIT"] : [];
  const rules = ["*mangle", ":SPS-R-rdp - [0:0]", ...CLASSIFICATION, "COMMIT", ...filter, ""].join("\n");
  return [
    { name: "rules", "ansible.builtin.copy": { dest: file, content: rules, mode: "0600" } },
    ...LAYERS.map((command, index) => ({ name: `layer ${index + 1}`, "ansible.builtin.command": command })),
    {
      name: "classification",
      "community.general.iptables_state": { state: "restored", path: file, noflush: true },
      async: windowSeconds,
      poll: 0,
    },
  ];
}
