/** What a shape tells: it works, it does not, it is not known, or it is only there. */
export type Tone = "good" | "bad" | "unknown" | "plain";

/** A line of text; `y` is its base line. */
export interface Line {
  x: number;
  y: number;
  text: string;
  /** `title` is larger and bold; `state` has the colour of its tone. */
  role: "title" | "detail" | "state";
  tone: Tone;
}

/** A box with its lines of text. */
export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
  kind: "appliance" | "group" | "node" | "router" | "others";
  tone: Tone;
  lines: Line[];
}

/** A connection, drawn through its points. */
export interface Link {
  points: [x: number, y: number][];
  tone: Tone;
  /** What is drawn at each end, and in the middle. `stop`: a bar, where the connection does not arrive. */
  from?: "arrow";
  to?: "arrow" | "stop";
  middle?: "cross" | "question";
  lines: Line[];
}

/** Everything that a picture shows. Lengths are units of its view box. */
export interface Shapes {
  width: number;
  height: number;
  boxes: Box[];
  links: Link[];
}
