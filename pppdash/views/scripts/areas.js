// One layer of areas: outlines fetched once from a static file, shaded by what the page says.
CityMap.Areas = class {
  constructor(city) {
    this.city = city;
    this.under = null;  // the area that is pointed at
    this.layer = L.geoJSON(null, { onEachFeature: (feature, shape) => this.add(feature, shape) });
    this.layer.addTo(city.map);
  }

  take(page) {
    const url = page.areas.url;
    this.page = page;
    if (url === this.url) { this.paint(page.areas.at); }
    else if (url) { this.fetch(url); }
    else { this.url = url; this.layer.clearLayers(); }
  }

  fetch(url) {
    this.url = url;
    fetch(url).then((answer) => {
      if (!answer.ok) { throw new Error(url + ": " + answer.status); }
      return answer.json();
    }).then((shapes) => {
      if (url !== this.url) { return; }  // another layer was chosen meanwhile
      this.shapes = new Map();
      this.layer.clearLayers().addData(shapes);
      this.paint(this.page.areas.at);
      this.city.log({ areas: this.shapes.size });
    }).catch((error) => { this.url = null; console.error(error); });
  }

  add(feature, shape) {
    const id = feature.properties.id;
    this.shapes.set(id, shape);
    shape.on("mouseover", () => { this.under = id; });
    shape.on("mouseout", () => { this.under = null; this.city.hide(); });
    shape.on("click", () => { this.pressed = id; });
    shape.toGeoJSON = () => null;  // streamlit-folium would copy the whole outline at each click
  }

  // at: area id -> class. Uncertain areas are hatched, chosen ones outlined.
  paint(at) {
    if (!this.shapes) { return; }
    this.hatch();
    const page = this.page, chosen = new Set(page.areas.chosen);
    const unsure = new Set(page.areas.unsure), colors = page.colors;
    const opacity = page.tiles ? 0.65 : 1;
    this.shapes.forEach((shape, id) => {
      const of = id in at ? at[id] : page.areas.classes.length - 1, own = chosen.has(id);
      shape.setStyle({ fillOpacity: opacity,
        fillColor: unsure.has(id) ? "url(#unsure-" + of + ")" : page.areas.classes[of],
        color: own ? colors.ink : colors.ground, weight: own ? 3 : 1 });
      if (own) { shape.bringToFront(); }
    });
  }

  hatch() {
    const root = this.city.map.getPane("overlayPane").querySelector("svg");
    if (!root) { return; }
    const space = "http://www.w3.org/2000/svg";
    const draw = (name, parent, facts) => {
      const made = parent.appendChild(document.createElementNS(space, name));
      Object.keys(facts).forEach((fact) => made.setAttribute(fact, facts[fact]));
      return made;
    };
    const old = root.querySelector("defs");
    if (old) { old.remove(); }
    const defs = draw("defs", root, {});
    this.page.areas.classes.forEach((color, i) => {
      const tile = draw("pattern", defs, { id: "unsure-" + i, width: 6, height: 6,
        patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" });
      draw("rect", tile, { width: 6, height: 6, fill: color });
      draw("rect", tile, { width: 1.6, height: 6, fill: this.page.colors.ground });
    });
  }

  lines() {
    return this.under === null || !this.page || this.city.player.moved ? null
      : this.page.areas.lines[this.under] || null;
  }

  // The area that was clicked just now, or null; asked once a click.
  clicked() {
    const id = this.pressed === undefined ? null : this.pressed;
    this.pressed = undefined;
    return id;
  }
};
