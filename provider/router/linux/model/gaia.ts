/** What a gateway of Check Point, whose expert mode is a Linux shell, allows its kernel to do. */
export interface FoundGaia {
  /** As its release file says it. */
  release: string;
  /** What SecureXL does: it forwards accelerated connections past iptables. */
  secureXl: "on" | "off" | "unknown";
  /** Whether iptables knows CONNMARK. */
  hasConnmark: boolean;
}
