// The picture of the playground: chosen, dropped anywhere on the page, pasted, or drawn here.

import { find } from "./dom.js";
import { drawExample } from "./example.js";

let picture = null; // a File

export const chosenPicture = () => picture;

function take(file) {
  if (!file) return;
  picture = file;
  const preview = find("preview");
  URL.revokeObjectURL(preview.src);
  preview.alt = `The picture to ask about: ${file.name}`;
  preview.src = URL.createObjectURL(file);
}

// The file as a data: URL, as the API takes pictures.
export function dataUrlOf(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.addEventListener("load", () => resolve(reader.result));
    reader.addEventListener("error", () => reject(new Error("The file cannot be read. Choose it again.")));
    reader.readAsDataURL(file);
  });
}

find("preview").addEventListener("load", () => {
  find("preview").hidden = false;
  find("drop-text").textContent = "Choose another";
});
// The server may read formats that this browser cannot show.
find("preview").addEventListener("error", () => {
  find("preview").hidden = true;
  find("drop-text").textContent = `${picture.name}: this browser cannot show it, but you can ask about it`;
});

const drop = find("drop");
const fileIn = (transfer) => [...(transfer?.files ?? [])].find(({ type }) => !type || type.startsWith("image/"));
find("file").addEventListener("change", (event) => take(event.target.files[0]));
find("example").addEventListener("click", async () => {
  const { file, question } = await drawExample();
  take(file);
  find("question").value = question;
});
document.addEventListener("paste", (event) => take(fileIn(event.clipboardData)));
// Anywhere on the page: a picture dropped beside the box must not replace the page.
document.addEventListener("dragover", (event) => {
  event.preventDefault();
  drop.classList.add("over");
});
document.addEventListener("dragleave", (event) => event.relatedTarget ?? drop.classList.remove("over"));
document.addEventListener("drop", (event) => {
  event.preventDefault();
  drop.classList.remove("over");
  const file = fileIn(event.dataTransfer);
  if (file) take(file);
  else if (event.dataTransfer?.files.length) find("drop-text").textContent = "That is no picture. Drop another file.";
});
