/** What a firewall may do with connections, and how a message words it. */
export const ENDS: Record<string, { target: string; detail: string }> = {
  refused: { target: "REJECT --reject-with tcp-reset", detail: "the connection was refused" },
  dropped: { target: "DROP", detail: "no answer came" },
  prohibited: {
    target: "REJECT --reject-with icmp-admin-prohibited",
    detail: "no route leads to it, or a firewall rejects it",
  },
};
