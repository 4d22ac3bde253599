"""Thresholds of the pixel stage: every number that decides which text is read, found and masked.

Names carry the unit: ``_CONFIDENCE`` and ``_PROBABILITY`` are 0 to 1, ``_PIXELS`` are pixels of
the picture that the step works on, ``_LEVELS`` are gray levels of 0 to 255, ``_HEIGHTS`` are
multiples of the height of a line, ``_SHARE`` and ``_RATIO`` are fractions.

``benchmarks/burned_in/engines.py`` measures the effect of all of them: recall and over-masking by
condition (``benchmarks/results/burned_in.md``). ``benchmarks/pixels/gate.py`` measures the gate,
and ``benchmarks/acceptance.py`` whole objects. Rerun these after a change. A comment names the
source of a value that has another one.
"""

from __future__ import annotations

# --- OCR: text detector (safelight.pixels.ocr.detector) ------------------------------------

#: Probability of text above which a pixel of the detector's map counts as text (DB, Liao et al.,
#: 2020, section 3.4).
OCR_DETECTOR_PIXEL_MIN_PROBABILITY = 0.3
#: Mean probability of text of a box that is kept.
OCR_DETECTOR_BOX_MIN_PROBABILITY = 0.4
#: A component that is too thick for a line is split at a pixel threshold higher by this step...
OCR_DETECTOR_SPLIT_STEP_PROBABILITY = 0.3
#: ... and is dropped if the threshold has reached this value.
OCR_DETECTOR_SPLIT_MAX_PROBABILITY = 0.9
#: Thickness above which a component is not a line of text in a picture scaled for reading.
OCR_DETECTOR_LINE_MAX_THICKNESS_PIXELS = 96
#: Shorter side below which a component is noise.
OCR_DETECTOR_COMPONENT_MIN_SIDE_PIXELS = 3
#: Shorter side of a box below which its text cannot be read.
OCR_DETECTOR_BOX_MIN_SIDE_PIXELS = 7
#: The detector marks shrunken text: boxes grow by area x ratio / perimeter (DB, section 3.4).
OCR_DETECTOR_UNCLIP_RATIO = 1.6
#: Margin around an area that the detector sees, so that text at its edge is complete. The crop
#: regions of the gate leave room for it.
OCR_DETECTOR_MARGIN_PIXELS = 16
#: Both sides of the network's input are multiples of this (stride of the network).
OCR_DETECTOR_STRIDE_PIXELS = 32
#: Angle to the rows and columns of pixels from which a line is tilted: level lines are read up to
#: 15 degrees.
TILTED_LINE_MIN_DEGREES = 13
#: Length of a tilted line in heights, the share of its smallest rectangle that it fills, and its
#: mean probability of text: measured 0.66 to 0.87 for text and 0.42 to 0.64 for anatomy.
TILTED_LINE_MIN_ASPECT_RATIO = 2.5
TILTED_LINE_MIN_FILLED_SHARE = 0.65
TILTED_LINE_MIN_PROBABILITY = 0.6
#: Number of lines of one angle that are text, or the probability of a single one.
TILTED_LINES_MIN_COUNT = 3
TILTED_LINE_CERTAIN_MIN_PROBABILITY = 0.7
#: Length of a single clear line in its heights, and of two together.
TILTED_LINE_CERTAIN_MIN_ASPECT_RATIO = 4.5
TILTED_LINES_CERTAIN_MIN_ASPECT_RATIO = 6
#: Difference of the angles of lines that are tilted together, and the number of angles in a frame.
TILTED_LINES_TOLERANCE_DEGREES = 5
TILTED_LINES_MAX_ANGLES = 3
#: Height of a line to which a turned frame is scaled, and the limits of the scale.
TILTED_LINE_HEIGHT_PIXELS = 26
TILTED_SCALE_LIMITS = (0.25, 3.0)
#: Length of the boxes that cover a tilted line.
TILTED_COVER_LENGTH_HEIGHTS = 0.5
#: Share of the box of a level reading from which tilted lines that cover it are its real text.
TILTED_LEVEL_MAX_COVERED_SHARE = 0.5
#: Angle and scale at which a picture without level text is searched for tilted text.
TILTED_GATE_DEGREES = 45
TILTED_GATE_SCALE = 0.7
#: Area around a tilted line that is read, in its heights.
TILTED_AREA_ALONG_HEIGHTS = 4.0
TILTED_AREA_ACROSS_HEIGHTS = 2.0
#: Longest side of a tile. The network takes about 0.3 GB of memory for a tile of this size.
OCR_TILE_MAX_SIDE_PIXELS = 1024
#: Overlap of neighboring tiles: more than the height of a line.
OCR_TILE_OVERLAP_PIXELS = 96
#: Two boxes of neighboring tiles are parts of one line if they share this much of the greater
#: thickness and this length.
OCR_TILE_PARTS_MIN_THICKNESS_SHARE = 0.6
OCR_TILE_PARTS_MIN_LENGTH_HEIGHTS = 0.25

# --- OCR: readers (safelight.pixels.ocr.base, rapid, tesseract) ----------------------------

#: A box inside a line that was read before is the same line if it is at least this high
#: relative to the line, with this tolerance at its edges.
OCR_SAME_LINE_MIN_HEIGHT_RATIO = 0.65
OCR_SAME_LINE_TOLERANCE_HEIGHTS = 0.25
#: Input of the recognizer: height of a line (PP-OCRv6), and the least width.
OCR_RECOGNIZER_HEIGHT_PIXELS = 48
OCR_RECOGNIZER_MIN_WIDTH_PIXELS = 16
#: A box higher than its width by this ratio holds vertical text.
OCR_VERTICAL_LINE_MIN_ASPECT_RATIO = 1.5
#: A line that is read upright below this confidence is also read upside down, if it is at least
#: this much wider than high.
OCR_UPRIGHT_LINE_MIN_CONFIDENCE = 0.7
OCR_UPSIDE_DOWN_LINE_MIN_ASPECT_RATIO = 2
#: A line that is read below this confidence is also read in the stroke picture.
OCR_WITHOUT_STROKES_MIN_CONFIDENCE = 0.9
#: A box of at least this height may hold two rows if a pixel row in its middle part has at most
#: this share of the strokes of the median pixel row.
OCR_TWO_ROWS_MIN_HEIGHT_PIXELS = 24
OCR_TWO_ROWS_VALLEY_MAX_SHARE = 0.3
OCR_TWO_ROWS_MIDDLE_SHARES = (0.3, 0.7)
#: A box of at least this height that is read below this confidence is split without a valley.
OCR_TWO_ROWS_DOUBTFUL_MIN_HEIGHT_PIXELS = 36
OCR_TWO_ROWS_DOUBTFUL_MAX_CONFIDENCE = 0.95
#: Gain of the information score by which two rows replace one.
OCR_TWO_ROWS_MIN_SCORE_GAIN = 0.5
#: Aspect ratio of a box that is unreadable text if its characters would each be as wide as high.
#: Curves and grids are wider still.
OCR_UNREADABLE_LINE_ASPECT_RATIOS = (4.0, 30.0)
#: Such a box counts as text at this probability of the detector...
OCR_UNREADABLE_LINE_MIN_PROBABILITY = 0.87
#: ... or at this one, if some of it was read at this confidence.
OCR_UNREADABLE_LINE_PARTLY_READ_MIN_PROBABILITY = 0.65
OCR_UNREADABLE_LINE_PARTLY_READ_MIN_CONFIDENCE = 0.5
#: Strokes that a pixel row of writing crosses on the length of one line height.
OCR_UNREADABLE_LINE_MIN_STROKES_PER_HEIGHT = 2.5
#: Middle part of a line in which its strokes are counted.
OCR_STROKE_COUNT_MIDDLE_SHARES = (0.3, 0.7)
#: Background around a crop that Tesseract needs to see text at its edge.
TESSERACT_MARGIN_PIXELS = 16
#: Margin of a line around the boxes of its words.
TESSERACT_LINE_MARGIN_PIXELS = 2

# --- OCR: passes over one frame (safelight.pixels.ocr.multi_pass) --------------------------

#: Short side to which a picture is scaled for reading: a font of 5 pixels in an MR image of
#: 256 x 256 becomes one of 13 pixels, which the networks read.
OCR_PICTURE_SHORT_SIDE_PIXELS = 640
#: Greatest enlargement of a picture. No picture is reduced before it was read at its size.
OCR_PICTURE_MAX_ENLARGEMENT = 3.0
#: Area up to which a picture is read everywhere, not only where the gate sees text.
OCR_WHOLE_PICTURE_MAX_AREA_PIXELS = 1_200_000
#: Ratio of a scale to the one before, for larger letters.
OCR_SCALE_STEP_RATIO = 0.5
#: A line that is read at this confidence is not read again in later passes.
OCR_FINAL_LINE_MIN_CONFIDENCE = 0.92
#: A line that is read at this confidence is removed from the pictures of low-contrast ink.
OCR_INK_REMOVAL_MIN_CONFIDENCE = 0.75
OCR_INK_REMOVAL_MARGIN_HEIGHTS = 0.3
#: Around a line of this confidence and length, the smoothed picture is read as well...
OCR_NEIGHBORHOOD_MIN_CONFIDENCE = 0.5
OCR_NEIGHBORHOOD_MIN_CHARACTERS = 3
#: ... this far along the line and across it...
OCR_NEIGHBORHOOD_ALONG_HEIGHTS = 2.0
OCR_NEIGHBORHOOD_ACROSS_HEIGHTS = 1.5
#: ... at this scale, between those of the other passes.
OCR_NEIGHBORHOOD_SCALE_RATIO = 0.75
#: A picture of low-contrast ink is texture if more than this share of it looks like text.
OCR_LOW_CONTRAST_MAX_AREA_SHARE = 0.5
#: Text in low-contrast ink is read at this confidence: it has an empty background.
OCR_LOW_CONTRAST_MIN_CONFIDENCE = 0.5

# --- OCR: lines, rows and blocks (safelight.pixels.ocr.line_merging, static_text) ----------

#: Share of the smaller height by which the boxes of one row overlap.
ROW_MIN_OVERLAP_SHARE = 0.5
#: Boxes whose heights differ by less than this ratio are two tightly set rows if their middles
#: are this far apart.
ROW_TIGHT_MAX_HEIGHT_RATIO = 1.4
ROW_TIGHT_MIN_DISTANCE_HEIGHTS = 0.5
#: A reading holds two rows if readings of this confidence and of at most this relative height
#: lie in it, one above the other.
TWO_ROWS_PART_MIN_CONFIDENCE = 0.7
TWO_ROWS_PART_MAX_HEIGHT_RATIO = 0.75
TWO_ROWS_PART_MIN_OVERLAP_SHARES = (0.5, 0.4)
TWO_ROWS_MIN_DISTANCE_HEIGHTS = 0.4
#: Characters that an unreadable line counts as when readings are ranked.
UNREADABLE_LINE_CHARACTERS = 3
#: Overlap of two readings, relative to the smallest side, above which they compete.
READINGS_MIN_OVERLAP_RATIO = 0.4
#: The rest of a reading beyond another is kept if it is wider than this and has this many
#: characters; it is less reliable by this factor.
READING_REST_MIN_WIDTH_HEIGHTS = 0.8
READING_REST_MIN_CHARACTERS = 2
READING_REST_CONFIDENCE_FACTOR = 0.9
#: A reading takes the vertical extent of others at its place: minimum overlap along and across,
#: greatest ratio of their heights, and their least aspect ratio.
READING_GROWTH_MIN_OVERLAP_SHARES = (0.5, 0.7)
READING_GROWTH_MAX_HEIGHT_RATIO = 1.25
READING_GROWTH_MIN_ASPECT_RATIO = 2
#: Gap between pieces of one row, or of one value.
PIECE_MAX_GAP_HEIGHTS = 3.0
#: Gap between a field label and its value in another column.
LABEL_VALUE_MAX_GAP_HEIGHTS = 16.0
#: Gap between two rows of a block.
ROW_MAX_GAP_HEIGHTS = 1.9
#: Lines of a block differ in height by at most this ratio, and their left edges by this distance
#: unless they overlap by this share.
BLOCK_MAX_HEIGHT_RATIO = 2.2
BLOCK_LEFT_EDGE_TOLERANCE_HEIGHTS = 1.5
BLOCK_MIN_OVERLAP_SHARE = 0.3
#: Overlap above which a box belongs to a line: pixels along it, share of the smaller height.
LINE_OVERLAP_MIN_WIDTH_PIXELS = 2
LINE_OVERLAP_MIN_HEIGHT_SHARE = 0.4
#: Mean difference of gray levels below which two frames show the same text in a box.
STATIC_TEXT_MAX_DIFFERENCE_LEVELS = 12.0
#: Overlap of two boxes with equal text that are one line in several frames.
STATIC_TEXT_MIN_OVERLAP_SHARE = 0.7

# --- OCR: lines that were not read (safelight.pixels.ocr.missing_lines) --------------------

#: Gray level of the background of the stroke picture.
STROKE_BACKGROUND_LEVEL = 128
#: Characters of a reliable line that defines the layout of its block.
LAYOUT_LINE_MIN_CHARACTERS = 3
#: Difference from the background of the stroke picture that makes a stroke: of any kind, and
#: one drawn at an extreme gray level, as devices do.
STROKE_MIN_DIFFERENCE_LEVELS = 40
DRAWN_STROKE_MIN_DIFFERENCE_LEVELS = 90
#: Share of stroke pixels in a box of text.
TEXT_STROKE_SHARES = (0.04, 0.6)
#: The greatest share where a row is missing between two others: bright anatomy may cover it.
COVERED_ROW_MAX_STROKE_SHARE = 0.95
#: Share of the pixel columns of a box of text that hold a stroke.
TEXT_MIN_STROKE_COLUMN_SHARE = 0.35
#: Smallest box that can hold text.
MISSING_TEXT_MIN_WIDTH_PIXELS = 3
MISSING_TEXT_MIN_HEIGHT_PIXELS = 2
#: Distance of left edges of rows that are aligned, and of right edges.
LEFT_EDGE_TOLERANCE_HEIGHTS = 0.6
RIGHT_EDGE_TOLERANCE_HEIGHTS = 0.3
#: Distance between rows that counts for the row pitch.
ROW_PITCH_MAX_HEIGHTS = 2.2
#: Rows that may be missing between two others, and the tolerance in multiples of the pitch.
MISSING_ROWS_MAX_COUNT = 2
MISSING_ROWS_PITCH_TOLERANCE = 0.3
MISSING_ROWS_MIN_OVERLAP_SHARE = 0.5
#: A row this near to the edge of the picture is cut by it.
CUT_ROW_EDGE_PIXELS = 2
#: Least room to the right of a field label without a value.
MISSING_VALUE_MIN_WIDTH_HEIGHTS = 4
#: Greatest room between the left edge of a block and a row that begins late.
MISSING_BEGIN_MAX_WIDTH_HEIGHTS = 8.5
#: Part of a box that other readings leave free.
FREE_PART_MIN_WIDTH_HEIGHTS = 0.4
FREE_PART_MIN_OVERLAP_SHARE = 0.5

# --- OCR: ink and rests of lines (safelight.pixels.ocr.line_ink) ---------------------------

#: Confidence and characters of a line whose ink is measured and whose rest is searched.
INK_LINE_MIN_CONFIDENCE = 0.8
INK_LINE_MIN_CHARACTERS = 2
#: Contrast of a stroke with the local mean, in levels of the picture of local contrast.
INK_STROKE_MIN_DIFFERENCE_LEVELS = 40
#: Distance from the most frequent level of the strokes, of 255 levels.
INK_TOLERANCE_LEVELS = 0.25
#: Share of the pixels of the strokes that have the level of an ink, and ratio to it of the share of
#: all other pixels.
INK_MIN_STROKE_SHARE = 0.2
INK_MAX_BACKGROUND_RATIO = 0.3
#: Inks of one frame.
LINE_INKS_MAX_COUNT = 2
#: Difference of the strokes from the background below which a line is faint, in levels.
FAINT_LINE_MAX_CONTRAST_LEVELS = 70.0
#: Log odds of the network from which a place is the rest of a line, and of a faint line.
LINE_REST_MIN_LOG_ODDS = 1.0
FAINT_LINE_REST_MIN_LOG_ODDS = -1.5
#: Gap between two faint lines in one row that are parts of one line.
LINE_PARTS_MAX_GAP_HEIGHTS = 4.0
#: Share of the pixels of such a place that have the ink of the line.
LINE_REST_INK_SHARES = (0.05, 0.7)
#: Height of the strips above and below a rest, and ratio of their ink to that of the rest.
LINE_REST_QUIET_MARGIN_HEIGHTS = 0.15
LINE_REST_MAX_OUTSIDE_RATIO = 0.5
#: Pixels around the rows of the lines that the network sees.
LINE_REST_CONTEXT_PIXELS = 24
#: Gap in a line, and least and greatest length of its rest.
LINE_REST_MAX_GAP_HEIGHTS = 1.2
LINE_REST_MIN_LENGTH_HEIGHTS = 0.5
LINE_REST_MAX_LENGTH_HEIGHTS = 16.0

# --- OCR: faint text that was not read (safelight.pixels.ocr.unread_text) -------------------

#: Log odds of a place that belongs to a line, of one that is certainly its text, and of the
#: likeliest place of a line.
FAINT_PLACE_MIN_LOG_ODDS = -1.5
FAINT_CORE_MIN_LOG_ODDS = 2.0
FAINT_LINE_MIN_LOG_ODDS = 0.0

#: The same for a box that is higher than wide. Edges of anatomy look like vertical text.
FAINT_VERTICAL_LINE_MIN_LOG_ODDS = 2.0
#: Connected places that fill less than this share of their box are split at log odds that are
#: higher by this step, up to this value.
FAINT_PLACE_MIN_FILLED_SHARE = 0.5
FAINT_SPLIT_STEP_LOG_ODDS = 1.0
FAINT_SPLIT_MAX_LOG_ODDS = 3.5
#: Certainty of the places between two tightly set lines, relative to that of the lines.
FAINT_ROW_VALLEY_MAX_SHARE = 0.6
#: Thickness above which places of text are texture.
FAINT_LINE_MAX_HEIGHT_PIXELS = 72
#: Smallest box of a line.
FAINT_LINE_MIN_HEIGHT_PIXELS = 8
FAINT_LINE_MIN_LENGTH_PIXELS = 20
#: Gap between two parts of one line.
FAINT_LINE_GAP_HEIGHTS = 2.0
#: Edge of a line that was read, or of a mask, in which nothing is searched.
FAINT_BOX_MARGIN_HEIGHTS = 0.3
#: A faint line was read if readings of this confidence and density leave at most this share of its
#: certain places.
FAINT_LINE_READ_MIN_CONFIDENCE = 0.8
FAINT_LINE_READ_MIN_CHARACTERS_PER_HEIGHT = 1.25
FAINT_LINE_MAX_OPEN_SHARE = 0.15
#: Height of a line, in heights of the readings in it, from which it has several rows.
FAINT_SEVERAL_ROWS_HEIGHTS = 1.4
#: A line is faint if this share of its segments of this length are.
FAINT_LINE_MIN_SEGMENT_SHARE = 0.35
FAINT_SEGMENT_HEIGHTS = 2.0
#: Pixels above and below the certain places of a line that belong to it.
FAINT_LINE_ACROSS_PIXELS = 8
#: Length by which a faint line grows towards the edges of its block.
FAINT_LINE_GROWTH_HEIGHTS = 6.0

# --- OCR: faint lines that are read one by one (safelight.pixels.ocr.faint_reading) -----------

#: Margin of the crop of a line, percentiles of its values that become black and white, and standard
#: deviation of the smoothing against noise.
FAINT_CROP_MARGIN_PIXELS = 4
FAINT_CROP_RANGE_PERCENTILES = (2.0, 98.0)
FAINT_CROP_SMOOTHING_PIXELS = 0.8
#: Characters and confidence from which a crop is text: of 155 legible lines all reached 0.74, of
#: 45 edges and textures none more than 0.62.
FAINT_TEXT_MIN_CHARACTERS = 2
FAINT_TEXT_MIN_CONFIDENCE = 0.65
#: Log odds from which a line is text, whatever can be read of it: other scripts, and handwriting.
FAINT_CERTAIN_LINE_MIN_LOG_ODDS = 8.0

# --- OCR: lines that are read a second time (safelight.pixels.ocr.second_reading) -------------

#: Confidence from which a line of known words is harmless.
HARMLESS_LINE_MIN_CONFIDENCE = 0.9
#: Characters of a line that is read again, margin of its crop along the line, and the factor by
#: which the crop is enlarged before the recognizer scales it.
SECOND_READING_MIN_CHARACTERS = 4
SECOND_READING_VERTICAL_MIN_CHARACTERS = 6
SECOND_READING_MARGIN_PIXELS = 2
SECOND_READING_ENLARGEMENT = 4
#: Confidence of a line in which single letters are misread, height of the box of a line up to which
#: this occurs at any higher confidence, and the number of renderings of three that must show
#: harmless words instead.
UNCLEAR_LINE_CONFIDENCES = (0.6, 0.95)
TINY_LINE_MAX_HEIGHT_PIXELS = 14
SECOND_READING_MIN_HARMLESS_RENDERINGS = 2
#: Mirrored lines of a frame from which all of its lines are read mirrored as well.
MIRRORED_FRAME_MIN_LINES = 2

# --- Word lists and field labels (safelight.pixels.lexicon) ---------------------------------

#: Length of a word that may be a listed one with one misread letter, and of each of two terms
#: that were read without the blank between them.
ALLOW_LIST_MISREAD_MIN_CHARACTERS = 6
ALLOW_LIST_JOINED_TERM_MIN_CHARACTERS = 4
#: Similarity of a badly read word and a lead marker (2 x common letters / all letters).
FILM_MARKER_MIN_SIMILARITY = 0.65
#: Words of the longest field label.
FIELD_LABEL_MAX_WORDS = 4
#: A label of up to this many characters is matched almost exactly.
FIELD_LABEL_SHORT_MAX_CHARACTERS = 3
#: A label of this many characters may have one misread letter, a long one two.
FIELD_LABEL_MISREAD_MIN_CHARACTERS = 6
FIELD_LABEL_LONG_MIN_CHARACTERS = 10

# --- PHI: confidence of readings (safelight.pixels.phi) ------------------------------------

#: A line below this confidence is text only near PHI; alone it is noise of the anatomy.
OCR_LINE_MIN_CONFIDENCE = 0.6
#: A line at this confidence is reliable: it defines the layout of its block, an unknown word in
#: it is masked without other PHI, and a box of a device class is spared for it.
OCR_RELIABLE_LINE_MIN_CONFIDENCE = 0.8
#: A line at this confidence was read completely: other renderings of it are not consulted.
OCR_COMPLETE_LINE_MIN_CONFIDENCE = 0.93
#: A line below this confidence has no shape (date, number, name) and supports no model finding.
OCR_SHAPE_MIN_CONFIDENCE = 0.35
#: A row at this confidence has no misread field label.
OCR_FIELD_LABEL_MIN_CONFIDENCE = 0.9
#: A line above this confidence may hold initials of two letters next to a name.
OCR_INITIALS_MIN_CONFIDENCE = 0.9

# --- PHI: layout (safelight.pixels.phi) ----------------------------------------------------

#: Gap between pieces over which a shape is searched, and over which one number continues.
SHAPE_MAX_GAP_HEIGHTS = 2.5
NUMBER_MAX_GAP_HEIGHTS = 0.8
#: Rows with a field label that make a column of labels, and the tolerance of their left edges.
LABEL_COLUMN_MIN_ROWS = 3
LABEL_COLUMN_TOLERANCE_HEIGHTS = 0.8
#: A value below its label begins within this distance and overlaps it by this share.
VALUE_BELOW_MAX_GAP_HEIGHTS = 1.2
VALUE_BELOW_MIN_OVERLAP_SHARE = 0.3
#: Tolerance of the left edges of a wrapped value.
WRAPPED_VALUE_TOLERANCE_HEIGHTS = 1.6
#: An unread line belongs to a block with this ratio of heights and this tolerance of left edges,
#: or this vertical overlap.
UNREAD_LINE_MAX_HEIGHT_RATIO = 1.6
UNREAD_LINE_LEFT_EDGE_TOLERANCE_HEIGHTS = 0.8
UNREAD_LINE_MIN_OVERLAP_SHARE = 0.6
#: Share of the box of a line that is empty before or after its characters, if a part of it is in a
#: script that the engine does not read.
UNREAD_LINE_MIN_EMPTY_SHARE = 0.5
#: Digits of a number that is PHI alone in its piece next to PHI.
LONE_NUMBER_MIN_DIGITS = 4
#: Characters of a time of day that is PHI in a block with a name or a number: a shorter one, such
#: as 0:45, can be the duration of a phase.
TIME_ALONE_MIN_CHARACTERS = 5
#: Characters of a row that can be a part of a known value.
KNOWN_VALUE_PART_MIN_CHARACTERS = 3
#: Letters of an unknown word that may be a name, and of initials next to a finding.
UNKNOWN_WORD_MIN_LETTERS = 3
SHORT_NAME_MIN_LETTERS = 2
#: Words of the name of an institution above its address.
INSTITUTION_MAX_WORDS = 6
#: Confidence of a line that shows text though no word of it can be read, its characters, and
#: its width in heights. Mirrored text is read with 0.59 to 0.88.
UNREADABLE_TEXT_MAX_CONFIDENCE = 0.9
UNREADABLE_TEXT_MIN_CHARACTERS = 6
UNREADABLE_TEXT_MIN_ASPECT_RATIO = 2.5
#: Letters and digits of a badly read line directly above or below PHI.
UNREAD_NEIGHBOR_MIN_CHARACTERS = 4
#: The same, if one of the two lines cannot be read or reads upside down next to an upright one.
UNREAD_NEIGHBOR_OF_UNREAD_MIN_CHARACTERS = 2
#: Gap between two parts of one line that cannot be read.
UNREAD_PART_MAX_GAP_HEIGHTS = 0.5
#: Confidence of a line that shows several ideograms, whatever they are.
IDEOGRAMS_MIN_CONFIDENCE = 0.55
#: Digits of a setting such as "L-2048".
SETTING_MAX_DIGITS = 4
#: Words of the name of an institution in the header block of a screen, and letters of a word in it
#: that a screen does not print for anything else.
HEADER_INSTITUTION_MAX_WORDS = 6
HEADER_INSTITUTION_MIN_LETTERS = 4
#: Letters of the name of an institution that is a single word.
SINGLE_NAME_MIN_LETTERS = 5
#: Letters of a part of the institution that the header gives, and of its initials.
INSTITUTION_PART_MIN_LETTERS = 6
INSTITUTION_ACRONYM_MIN_LETTERS = 3
#: Length of a code of the device in capitals.
DEVICE_CODE_CHARACTERS = 3
#: Unknown words of a badly read line, and their letters in all, that show another script.
FOREIGN_SCRIPT_MIN_WORDS = 2
FOREIGN_SCRIPT_MIN_LETTERS = 8
#: Words of a piece that is a full name, and of one without an unknown word.
FULL_NAME_MAX_WORDS = 4
KNOWN_NAME_MAX_WORDS = 3
#: Words of a piece that is masked as one name, and technical words that end the name.
WHOLE_NAME_MAX_WORDS = 6
WHOLE_NAME_MAX_TECHNICAL_WORDS = 2

# --- PHI: partly read known values (safelight.pixels.phi.partial_matches) ------------------

#: Characters of a known value that is searched, and of PHI in another rendering of a line.
KNOWN_VALUE_MIN_CHARACTERS = 2
OTHER_RENDERING_MIN_CHARACTERS = 4
#: Characters of a number of the patient that is found only as a whole piece.
SHORT_NUMBER_MAX_CHARACTERS = 6
#: Characters of a number of digits only that is found as a whole piece.
SHORT_NUMBER_OF_DIGITS_MIN_CHARACTERS = 3
#: Characters of a known value that must have been read.
PARTIAL_MATCH_MIN_CHARACTERS = 4
#: Characters of a part from the middle of a known value, and of a misread one.
PARTIAL_MATCH_INNER_MIN_CHARACTERS = 6
PARTIAL_MATCH_MISREAD_MIN_CHARACTERS = 5
#: One misread character is allowed per this many: in a word, at the end of a row, at its begin.
PARTIAL_MATCH_CHARACTERS_PER_ERROR = 4
MISSING_BEGIN_CHARACTERS_PER_ERROR = 5
#: Characters of a row that can be the begin or the end of a known value.
MISSING_END_MIN_CHARACTERS = 3
MISSING_BEGIN_MIN_CHARACTERS = 5
#: Characters of the missing day, and of the missing year and blank, of a written date.
MISSING_DAY_CHARACTERS = 3
MISSING_YEAR_CHARACTERS = 5

# --- PHI: boxes of spans (safelight.pixels.phi.span_boxes) ---------------------------------

#: Characters between two spans of a badly read line that are masked with them, and that another
#: rendering may read beyond the end of a line.
MISREAD_GAP_MAX_CHARACTERS = 4
#: Margin of a mask along a whole line, along a part of it, and across it; each at least the
#: pixels below.
MASK_LINE_MARGIN_HEIGHTS = 0.25
MASK_PART_MARGIN_HEIGHTS = 0.12
MASK_ACROSS_MARGIN_HEIGHTS = 0.08
MASK_MARGIN_MIN_PIXELS = 2
MASK_ACROSS_MARGIN_MIN_PIXELS = 1
#: A line higher than the median of its block by this ratio is cut at its neighbors, which are
#: at least this far away.
TALL_LINE_MIN_HEIGHT_RATIO = 1.4
TALL_LINE_NEIGHBOR_MIN_DISTANCE_HEIGHTS = 0.5

# --- PHI: confidence of findings, by evidence (audit tables) -------------------------------

#: A shape such as a date, or the value of a field label.
SHAPE_FINDING_CONFIDENCE = 1.0
LABEL_FINDING_CONFIDENCE = 1.0
#: A value below its label or of a misread label.
INDIRECT_LABEL_FINDING_CONFIDENCE = 0.8
#: A known value without its begin or end, or a short known number.
KNOWN_FINDING_CONFIDENCE = 0.9
#: Words that are a part of a known value or a misreading of it.
PARTIAL_FINDING_CONFIDENCE = 0.8
#: A full name, and a single surname or initials.
FULL_NAME_FINDING_CONFIDENCE = 0.8
SHORT_NAME_FINDING_CONFIDENCE = 0.7
#: PHI that another rendering of the line shows.
OTHER_RENDERING_FINDING_CONFIDENCE = 0.7
#: A value that is PHI because of the findings next to it.
CONTEXT_FINDING_CONFIDENCE = 0.8
#: A word that no vocabulary knows, and text that could not be read.
UNKNOWN_WORD_FINDING_CONFIDENCE = 0.5
UNREAD_FINDING_CONFIDENCE = 0.5

# --- Boxes of characters (safelight.pixels.models) ------------------------------------------

#: Margin around some characters of a line.
CHARACTER_MARGIN_CHARACTERS = 0.35
#: A line of this confidence and length ends where its characters end, and not at its box, if
#: more than this share of the box is empty there; with this margin.
CHARACTER_LINE_MIN_CONFIDENCE = 0.95
CHARACTER_LINE_MIN_CHARACTERS = 6
CHARACTER_LINE_UNREAD_MAX_SHARE = 0.25
UNREAD_END_MARGIN_CHARACTERS = 1.5

# --- Gate: pictures of a frame (safelight.pixels.gate.windowing) ----------------------------

#: Kernel of the stroke pictures, in pixels of the picture: wider than the pen of small text.
STROKE_KERNEL_PIXELS = 9
#: Contrast of a drawn stroke, and distance of its level from mid gray, from which it is shown at
#: full strength.
DRAWN_STROKE_FULL_CONTRAST_LEVELS = 96
DRAWN_STROKE_FULL_DISTANCE_LEVELS = 110
#: Strength of other strokes, and their greatest difference from mid gray.
OTHER_STROKE_STRENGTH = 0.5
OTHER_STROKE_MAX_DIFFERENCE_LEVELS = 90
#: Standard deviation of the smoothing that joins the dots of a dotted font, and its least value.
DOT_SMOOTHING_HEIGHTS = 0.04
DOT_SMOOTHING_MIN_PIXELS = 0.3
#: Distance from the lowest or highest level at which text is drawn by a device: after lossy
#: compression, and if most of what is near has exactly the extreme level.
DRAWN_MAX_DISTANCE_LEVELS = 8
DRAWN_EXACT_MAX_DISTANCE_LEVELS = 1
#: Windows of an object that are rendered, and the share of the range of its values above which
#: a window shows nothing new.
WINDOWS_MAX_COUNT = 2
WINDOW_MAX_RANGE_SHARE = 0.9

# --- Gate: text cells (safelight.pixels.gate.text_gate) -------------------------------------

#: Side of the squares of a picture that are judged one by one.
GATE_CELL_PIXELS = 16
#: Contrast of a stroke with its surroundings.
GATE_STROKE_MIN_CONTRAST_LEVELS = 20
#: Kernel of the top hats: wider than the pen at each scale.
GATE_STROKE_KERNEL_PIXELS = 5
#: Window in which strokes are counted, length and height: some characters of one line.
GATE_STROKE_WINDOW_PIXELS = (24, 8)
#: Beginnings of strokes in a window of text, as a share of its pixels: along the line, and across
#: it, where letters have fewer.
GATE_STROKES_ALONG_MIN_SHARE = 0.1
GATE_STROKES_ACROSS_MIN_SHARE = 0.0625
#: Scales for small text: characters of 5 to 14 pixels, and of twice as many.
GATE_SMALL_TEXT_SCALES = (1.0, 0.5)
#: Scales for all text: characters of up to 112 pixels.
GATE_ALL_TEXT_SCALES = (*GATE_SMALL_TEXT_SCALES, 0.25, 0.125)
#: Cells that a word covers.
GATE_WORD_MIN_CELLS = 3
#: Log odds of the network from which a picture is read, from which a place in a picture that is
#: read counts, and from which cells connected with such a place do.
GATE_PICTURE_MIN_LOG_ODDS = 0.0
GATE_PLACE_MIN_LOG_ODDS = -1.0
GATE_CONNECTED_MIN_LOG_ODDS = -3.0
#: Distance of fine cells that count together with a place of text.
GATE_NEARBY_CELLS = 2

# --- Gate: network (safelight.pixels.gate.gate_cnn) -----------------------------------------

#: Side of the square in which contrast is normalized (``tools/gate_model`` trains with it).
GATE_CONTRAST_WINDOW_PIXELS = 31
#: Grain of a picture that does not count as contrast.
GATE_GRAIN_LEVELS = 6.0
#: Greatest difference of a pixel from the mean, in standard deviations.
GATE_CONTRAST_MAX_DEVIATIONS = 4.0

# --- Gate: network for faint text (safelight.pixels.gate.faint_cnn) --------------------------

#: Sides of the squares in which contrast is normalized: about a stroke, a character and a word.
#: ``tools/gate_model`` trains with these values.
FAINT_CONTRAST_WINDOWS_PIXELS = (9, 25, 61)
#: Side of the square with which the step from pixel to pixel is compared.
FAINT_STEP_WINDOW_PIXELS = 15
#: Share of the range of all values that does not count as contrast.
FAINT_GRAIN_SHARE = 0.001
#: Greatest difference of a pixel from the mean, in standard deviations.
FAINT_CONTRAST_MAX_DEVIATIONS = 4.0
#: Side of the tiles of large frames, which bounds the memory.
FAINT_TILE_PIXELS = 1024

# --- Gate: places of faint text (safelight.pixels.gate.faint_text) ---------------------------

#: Scales at which a frame is rated: characters of 6 to 28 pixels, and of twice as many.
FAINT_TEXT_SCALES = (1.0, 0.5)
#: Shorter side of a scaled frame below which it is not rated.
FAINT_SCALED_MIN_SIDE_PIXELS = 96
#: Share of a text at a smaller scale that the scale before shows already.
FAINT_SAME_TEXT_MIN_SHARE = 0.3
#: Log odds from which a place is read in local contrast.
FAINT_CELL_MIN_LOG_ODDS = 0.0

# --- Gate: regions to read (safelight.pixels.gate.crop_regions) -----------------------------

#: A rectangle grows downwards while this share of it is worth reading.
CROP_MIN_FILLED_SHARE = 0.75
#: Share of a picture from which reading all of it costs less.
CROP_WHOLE_PICTURE_MIN_SHARE = 0.7

# --- Gate: ink of low contrast (safelight.pixels.gate.low_contrast) -------------------------

#: A level is ink if this many times more pixels have it than have the levels around it on
#: average, within this distance,
INK_MIN_FREQUENCY_RATIO = 5.0
INK_NEIGHBOR_LEVELS = 8
#: if as many pixels as a word needs have it,
INK_MIN_PIXELS = 60
#: and if no more than this share of the picture has it, since that is background.
INK_MAX_AREA_SHARE = 0.1
#: Inks of one picture, the clearest first.
INKS_MAX_COUNT = 2
#: Difference between the channels of a colored pixel.
COLORED_MIN_DIFFERENCE_LEVELS = 40
#: Side of the square in which contrast is normalized: some characters of small text.
LOCAL_CONTRAST_WINDOW_PIXELS = 21
#: Gray level of the local mean, and levels of one local standard deviation.
LOCAL_CONTRAST_MEAN_LEVEL = 128
LOCAL_CONTRAST_DEVIATION_LEVELS = 45.0
#: Share of the range of all values that does not count as contrast.
LOCAL_CONTRAST_MIN_SHARE = 0.001

# --- Gate: frames of one object (safelight.pixels.gate.frame_groups) ------------------------

#: Distinct frames up to which each frame is read by itself. Of more frames, the extremes of as
#: many stretches are read.
FRAMES_READ_SINGLY_MAX_COUNT = 12
#: Times that one place of a long object is read because it changes: a clock, a color flow.
PLACE_READS_MAX_COUNT = 6
#: Change of a pixel, more than noise and compression cause.
CHANGED_PIXEL_MIN_LEVELS = 40
#: Changed pixels of a cell with new text.
CHANGED_CELL_MIN_PIXELS = 5
#: Cells of a line on either side of a change in it.
CHANGED_LINE_MAX_CELLS = 40
#: Difference between the channels of a pure color.
PURE_COLOR_MIN_DIFFERENCE_LEVELS = 120

# --- Frames: recognizable faces (safelight.pixels.frames.recognizable_faces) ----------------

#: Slices that are thicker or further apart give no face that can be recognized.
FACE_MAX_SLICE_THICKNESS_MM = 6.0
#: A field of view that is narrower holds no face.
FACE_MIN_FIELD_OF_VIEW_MM = 100.0

# --- Redaction: masks and placeholders (safelight.pixels.redact) ----------------------------

#: Size of the letters of a placeholder: smaller ones cannot be read and are not drawn.
PLACEHOLDER_MIN_FONT_PIXELS = 7
PLACEHOLDER_MAX_FONT_PIXELS = 120
#: Ratio of height to width from which the text of a box is turned.
PLACEHOLDER_UPRIGHT_MIN_ASPECT_RATIO = 2.0
#: Longer side of an icon image.
ICON_MAX_SIDE_PIXELS = 64

# --- Redaction: residual check (safelight.pixels.redact.residual_check) ---------------------

#: Times that a finding of the residual check is masked before the object is refused.
RESIDUAL_CHECK_MAX_ROUNDS = 3
#: Confidence of a finding; below it, the reading is noise.
RESIDUAL_FINDING_MIN_CONFIDENCE = 0.65
#: Neighborhood of a mask that is read: along its line and across it, in the smaller side of the
#: mask, and a margin on top.
RESIDUAL_NEIGHBORHOOD_ALONG_HEIGHTS = 5.0
RESIDUAL_NEIGHBORHOOD_ACROSS_HEIGHTS = 1.5
RESIDUAL_NEIGHBORHOOD_MARGIN_PIXELS = 8
#: Ratio of height to width of a mask over vertical text.
RESIDUAL_VERTICAL_MASK_MIN_ASPECT_RATIO = 1.5
#: Shorter side of a neighborhood in which large letters are searched.
RESIDUAL_LARGE_TEXT_MIN_SIDE_PIXELS = 160
#: A finding is inside a mask if at most this share of its box is open, and the mask is filled:
#: its standard deviation after lossy compression is below these levels.
RESIDUAL_OPEN_MAX_SHARE = 0.35
FILLED_MASK_MAX_DEVIATION_LEVELS = 16.0
