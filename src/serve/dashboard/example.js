// An example picture: coloured shapes on white, which even the smallest model recognises.

const side = 480;
const colours = { red: "#d62828", green: "#2a9d3f", blue: "#1d4ed8", yellow: "#f2c100", purple: "#7b2cbf", orange: "#f3722c" };
const shapes = {
  circle: (path) => path.arc(0, 0, 62, 0, 2 * Math.PI),
  square: (path) => path.rect(-58, -58, 116, 116),
  triangle: (path) => polygon(path, 3, 74, 74),
  star: (path) => polygon(path, 10, 78, 32),
};

// A polygon about the middle, whose corners alternate between two distances.
function polygon(path, corners, outer, inner) {
  for (let corner = 0; corner < corners; ++corner) {
    const angle = (corner / corners) * 2 * Math.PI - Math.PI / 2;
    const radius = corner % 2 && corners > 4 ? inner : outer;
    path.lineTo(radius * Math.cos(angle), radius * Math.sin(angle));
  }
  path.closePath();
}

const shuffled = (list) => list.map((value) => [Math.random(), value]).sort(([a], [b]) => a - b).map(([, value]) => value);

// {file: a PNG, question: one about it}. Each call draws another picture.
export async function drawExample() {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = side;
  const context = canvas.getContext("2d");
  context.fillStyle = "#ffffff";
  context.fillRect(0, 0, side, side);
  const names = shuffled(Object.keys(colours)).slice(0, 3);
  const kinds = shuffled(Object.keys(shapes));
  const places = shuffled([0, 1, 2, 3]);
  names.forEach((name, index) => {
    const wobble = () => (Math.random() - 0.5) * 50;
    const place = places[index];
    const path = new Path2D();
    shapes[kinds[index]](path);
    context.setTransform(1, 0, 0, 1, 120 + (place % 2) * 240 + wobble(), 120 + Math.floor(place / 2) * 240 + wobble());
    context.fillStyle = colours[name];
    context.fill(path);
  });
  const png = await new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
  return { file: new File([png], "example.png", { type: "image/png" }), question: `What shape is ${names[0]}?` };
}
