/** An example of each command, for its help. */
export const EXAMPLES: Readonly<Record<string, string>> = {
  preview: "preview --site oslo rome",
  refresh: "refresh --parallel 10 --json",
  start: "start --accept-joins 12 --exit-when-held",
  resume: 'resume --reason "the change freeze is over"',
  worker: "worker --database postgres://rollout@db.example.com/rollout",
  status: "status --watch",
  report: "report --rollout branches.3 --html branches.html",
  history: "history --json",
  approve: 'approve 06cce5fd --reason "Europe works"',
  pause: 'pause --reason "change freeze"',
  cancel: 'cancel --reason "wrong certificate"',
  retry: 'retry oslo --reason "the firewall is open now"',
  skip: 'skip oslo --reason "it closes in May"',
  freeze: 'freeze rome --reason "audit until Friday"',
  unfreeze: 'unfreeze rome --reason "the audit is over"',
};
