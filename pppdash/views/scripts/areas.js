function (data, parent) {
  // One GeoJSON layer; its click tells the page only which area was meant, not its outline.
  function text(lines) {
    var box = document.createElement("div");
    lines.forEach(function (line, i) {
      box.appendChild(document.createElement(i ? "div" : "b")).textContent = line;
    });
    return box;
  }
  var chosen = [], clicks = 0;
  var layer = L.geoJSON(data.areas, {
    style: function (feature) {
      var own = feature.properties.id === data.selected;
      return { fillColor: feature.properties.fill, fillOpacity: 1,
        color: own ? data.ink : data.line, weight: own ? 3 : 1 };
    },
    onEachFeature: function (feature, shape) {
      var id = feature.properties.id;
      shape.bindTooltip(text(feature.properties.lines),
        { sticky: true, direction: "right", offset: [14, 0], className: "area-tip" });
      shape.toGeoJSON = function () {
        // Counting makes a second click on the same area news.
        return { type: "Feature", properties: { area_id: id, click: ++clicks }, geometry: null };
      };
      if (id === data.selected) { chosen.push(shape); }
    }
  });
  layer.on("add", function () { chosen.forEach(function (shape) { shape.bringToFront(); }); });
  layer.addTo(parent);
}
