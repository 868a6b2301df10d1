/* libarchive.h - libarchive, loaded when the first archive is opened; takes the place of <archive.h>.
 *
 * Linked in the usual way it brings libxml2, ICU and the C++ library along (for formats that we never ask
 * for), and binding those took half of the time of `pinhole version`.  Files that include this call
 * libarchive's functions by their usual names, after libarchive_load has said 0.
 */
#ifndef PINHOLE_IMPORT_LIBARCHIVE_H
#define PINHOLE_IMPORT_LIBARCHIVE_H

#include "base/err.h"

#include <archive.h>
#include <archive_entry.h>

/* 0 if the library is there, from the first success on for good; else UNSUPPORTED.  Thread-safe. */
int libarchive_load(struct err *err);

/* All that we call. */
#define LIBARCHIVE_FUNCTIONS(X)                                                                    \
	X(archive_entry_filetype)                                                                  \
	X(archive_entry_free)                                                                      \
	X(archive_entry_hardlink)                                                                  \
	X(archive_entry_is_encrypted)                                                              \
	X(archive_entry_mtime)                                                                     \
	X(archive_entry_mtime_is_set)                                                              \
	X(archive_entry_mtime_nsec)                                                                \
	X(archive_entry_new)                                                                       \
	X(archive_entry_pathname)                                                                  \
	X(archive_entry_pathname_utf8)                                                             \
	X(archive_entry_perm)                                                                      \
	X(archive_entry_set_filetype)                                                              \
	X(archive_entry_set_mtime)                                                                 \
	X(archive_entry_set_pathname)                                                              \
	X(archive_entry_set_perm)                                                                  \
	X(archive_entry_set_size)                                                                  \
	X(archive_entry_size)                                                                      \
	X(archive_entry_size_is_set)                                                               \
	X(archive_errno)                                                                           \
	X(archive_error_string)                                                                    \
	X(archive_format)                                                                          \
	X(archive_read_data)                                                                       \
	X(archive_read_data_block)                                                                 \
	X(archive_read_free)                                                                       \
	X(archive_read_has_encrypted_entries)                                                      \
	X(archive_read_new)                                                                        \
	X(archive_read_next_header)                                                                \
	X(archive_read_open1)                                                                      \
	X(archive_read_open_fd)                                                                    \
	X(archive_read_set_callback_data)                                                          \
	X(archive_read_set_read_callback)                                                          \
	X(archive_read_set_seek_callback)                                                          \
	X(archive_read_set_skip_callback)                                                          \
	X(archive_read_support_filter_bzip2)                                                       \
	X(archive_read_support_filter_gzip)                                                        \
	X(archive_read_support_filter_xz)                                                          \
	X(archive_read_support_filter_zstd)                                                        \
	X(archive_read_support_format_7zip)                                                        \
	X(archive_read_support_format_tar)                                                         \
	X(archive_read_support_format_zip)                                                         \
	X(archive_set_error)                                                                       \
	X(archive_write_add_filter_zstd)                                                           \
	X(archive_write_close)                                                                     \
	X(archive_write_data)                                                                      \
	X(archive_write_finish_entry)                                                              \
	X(archive_write_free)                                                                      \
	X(archive_write_header)                                                                    \
	X(archive_write_new)                                                                       \
	X(archive_write_open)                                                                      \
	X(archive_write_set_bytes_in_last_block)                                                   \
	X(archive_write_set_format_gnutar)                                                         \
	X(archive_write_set_format_pax_restricted)                                                 \
	X(archive_write_set_format_zip)                                                            \
	X(archive_write_set_options)                                                               \
	X(archive_write_zip_set_compression_deflate)                                               \
	X(archive_write_zip_set_compression_store)

#define LIBARCHIVE_MEMBER(name) __typeof__(name) *name;
struct libarchive {
	LIBARCHIVE_FUNCTIONS(LIBARCHIVE_MEMBER)
};
extern struct libarchive libarchive; /* all NULL until loaded */

#define archive_entry_filetype                  libarchive.archive_entry_filetype
#define archive_entry_free                      libarchive.archive_entry_free
#define archive_entry_hardlink                  libarchive.archive_entry_hardlink
#define archive_entry_is_encrypted              libarchive.archive_entry_is_encrypted
#define archive_entry_mtime                     libarchive.archive_entry_mtime
#define archive_entry_mtime_is_set              libarchive.archive_entry_mtime_is_set
#define archive_entry_mtime_nsec                libarchive.archive_entry_mtime_nsec
#define archive_entry_new                       libarchive.archive_entry_new
#define archive_entry_pathname                  libarchive.archive_entry_pathname
#define archive_entry_pathname_utf8             libarchive.archive_entry_pathname_utf8
#define archive_entry_perm                      libarchive.archive_entry_perm
#define archive_entry_set_filetype              libarchive.archive_entry_set_filetype
#define archive_entry_set_mtime                 libarchive.archive_entry_set_mtime
#define archive_entry_set_pathname              libarchive.archive_entry_set_pathname
#define archive_entry_set_perm                  libarchive.archive_entry_set_perm
#define archive_entry_set_size                  libarchive.archive_entry_set_size
#define archive_entry_size                      libarchive.archive_entry_size
#define archive_entry_size_is_set               libarchive.archive_entry_size_is_set
#define archive_errno                           libarchive.archive_errno
#define archive_error_string                    libarchive.archive_error_string
#define archive_format                          libarchive.archive_format
#define archive_read_data                       libarchive.archive_read_data
#define archive_read_data_block                 libarchive.archive_read_data_block
#define archive_read_free                       libarchive.archive_read_free
#define archive_read_has_encrypted_entries      libarchive.archive_read_has_encrypted_entries
#define archive_read_new                        libarchive.archive_read_new
#define archive_read_next_header                libarchive.archive_read_next_header
#define archive_read_open1                      libarchive.archive_read_open1
#define archive_read_open_fd                    libarchive.archive_read_open_fd
#define archive_read_set_callback_data          libarchive.archive_read_set_callback_data
#define archive_read_set_read_callback          libarchive.archive_read_set_read_callback
#define archive_read_set_seek_callback          libarchive.archive_read_set_seek_callback
#define archive_read_set_skip_callback          libarchive.archive_read_set_skip_callback
#define archive_read_support_filter_bzip2       libarchive.archive_read_support_filter_bzip2
#define archive_read_support_filter_gzip        libarchive.archive_read_support_filter_gzip
#define archive_read_support_filter_xz          libarchive.archive_read_support_filter_xz
#define archive_read_support_filter_zstd        libarchive.archive_read_support_filter_zstd
#define archive_read_support_format_7zip        libarchive.archive_read_support_format_7zip
#define archive_read_support_format_tar         libarchive.archive_read_support_format_tar
#define archive_read_support_format_zip         libarchive.archive_read_support_format_zip
#define archive_set_error                       libarchive.archive_set_error
#define archive_write_add_filter_zstd           libarchive.archive_write_add_filter_zstd
#define archive_write_close                     libarchive.archive_write_close
#define archive_write_data                      libarchive.archive_write_data
#define archive_write_finish_entry              libarchive.archive_write_finish_entry
#define archive_write_free                      libarchive.archive_write_free
#define archive_write_header                    libarchive.archive_write_header
#define archive_write_new                       libarchive.archive_write_new
#define archive_write_open                      libarchive.archive_write_open
#define archive_write_set_bytes_in_last_block   libarchive.archive_write_set_bytes_in_last_block
#define archive_write_set_format_gnutar         libarchive.archive_write_set_format_gnutar
#define archive_write_set_format_pax_restricted libarchive.archive_write_set_format_pax_restricted
#define archive_write_set_format_zip            libarchive.archive_write_set_format_zip
#define archive_write_set_options               libarchive.archive_write_set_options
#define archive_write_zip_set_compression_deflate                                                  \
	libarchive.archive_write_zip_set_compression_deflate
#define archive_write_zip_set_compression_store libarchive.archive_write_zip_set_compression_store

#endif
