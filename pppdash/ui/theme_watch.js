// Figures are drawn on the server in the colors of the mode in use, but the server learns of a
// change of mode only at the next run: this asks for one.
export default function ({ data, setStateValue }) {
  const app = document.querySelector(".stApp");
  const look = () => {
    const [red, green, blue] = getComputedStyle(app).backgroundColor.match(/[\d.]+/g).map(Number);
    const mode = 0.3 * red + 0.6 * green + 0.1 * blue < 128 ? "dark" : "light";
    if (mode !== data.mode) setStateValue("mode", mode);
  };
  const watch = new MutationObserver(look);
  watch.observe(app, { attributes: true });
  look();
  return () => watch.disconnect();
}
