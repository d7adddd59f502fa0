/* kernel/procfs/proc.h - /proc: processes and memory, as text. These are the room's parts, for each
 * other. Whoever looks at memory looks through mm/view.h. */
#ifndef KERNEL_PROCFS_PROC_H
#define KERNEL_PROCFS_PROC_H

#include "kernel/file/file.h"
#include "kernel/process/process.h"

/* Text that grows: what one opening of a file of /proc shows. */
struct proc_text;
/* Add to it, as printf; one addition at most 512 bytes. When memory is out, the rest is left
 * out, and the read fails. */
void proc_print(struct proc_text *text, const char *format, ...)
    __attribute__((__format__(printf, 2, 3)));
void proc_add(struct proc_text *text, const char *bytes, size_t length);
/* A string, or the path of an inode: the bytes that are among those `escaped` as "\\" and three
 * octal digits. */
void proc_add_escaped(struct proc_text *text, const char *bytes, const char *escaped);
void proc_add_path(struct proc_text *text, struct inode *inode, const char *escaped);

/* One file of /proc. */
struct proc_file {
    const char *name;
    uint32_t mode; /* kind and rights */
    /* Its text; `process` is NULL outside of /proc/PID. 0, or -errno. */
    int (*generate)(struct proc_text *text, struct process *process);
    const struct inode_operations *operations; /* NULL: made of text by `generate` */
};

/* What an inode of /proc stands for. */
struct proc_node {
    int pid;                      /* 0: not below /proc/PID */
    int thread;                   /* of it: below /proc/PID/task/TID, or /proc/TID; or 0 */
    int fd;                       /* below /proc/PID/fd, fdinfo */
    const struct proc_file *file; /* NULL: a directory, or below /proc/PID/fd, fdinfo */
    uint64_t seen;                /* mounts: file_systems_changes, when it was read */
};

static inline struct proc_node *proc_node(const struct inode *inode)
{
    return inode->data;
}

/* The process an inode is about; -ESRCH when it has gone. */
int proc_process(const struct inode *inode, struct process **process);
/* The thread, if it is about one; NULL: it has gone, or the inode is about all of the process. */
struct thread *proc_thread(const struct inode *inode);
/* A name that is a number as /proc has them: without leading zeroes. */
bool proc_name_number(const char *name, uint64_t *number);

/* open, of a file about a process's memory. -ESRCH: it has gone, or has none any more. */
int proc_memory_open(struct file *file);

/* In the middle of a long text: others may run. false: the process has gone meanwhile, or made room
 * for another program; *process is what there is now, or NULL. Else all but its space is to be
 * looked up again. */
bool proc_rest(struct process **process) SLEEPS;

/* What is written to a file of a process's: one number and nothing else, of which the first 12
 * characters count; `base` as text_digits. How many bytes that is; -EFAULT, -EINVAL, -ERANGE. */
long proc_number_fetch(const void __user *buffer, size_t length, unsigned base,
                       int *number) SLEEPS;
/* The number that a line (`length` bytes, then NUL) begins with, as settings are written. How many
 * bytes that is, with the blanks behind it; -EINVAL. */
struct proc_number {
    bool below;     /* 0 */
    uint64_t value; /* without the sign; UINT64_MAX: that, or more */
};
long proc_number_first(const char *line, size_t length, struct proc_number *number);

#define PROC_VIEWS 16u /* pages that are looked at in one go (view_pages) */

/* Pages of a space, by what its entries say (pages that are named are counted if they have a slot
 * and no frame). Rests, as proc_rest; false likewise. */
struct proc_usage {
    uint64_t objects, files, swapped, working_set; /* files: of the objects, a device's */
};
bool proc_usage(struct process **process, struct proc_usage *usage) SLEEPS;

/* Read from a file of text: `make` takes it down when reading begins (0, or -errno). The
 * file's own data belongs to these two. */
typedef int proc_make(struct proc_text *text, const struct inode *inode);
long proc_text_serve(struct file *file, void __user *buffer, size_t length,
                     uint64_t *position, proc_make *make) SLEEPS;
void proc_text_close(struct file *file);

/* Files of text, and the operations that make them so (kernel/procfs/text.c). */
extern const struct inode_operations proc_text_operations;
/* The same, of a process's memory: of one that has ended it cannot be opened. */
extern const struct inode_operations proc_memory_text_operations;
/* These have an end, though it is told to be where they begin, as on Linux. */
extern const struct inode_operations proc_ended_memory_operations,
    proc_ended_text_operations;
extern const struct inode_operations proc_mounts_operations;
long proc_text_read(struct file *file, void __user *buffer, size_t length,
                    uint64_t *position) SLEEPS;
/* The same, and what is written changes a setting (kernel/procfs/settings.c). */
extern const struct inode_operations proc_setting_operations;
/* KiB that vm.min_free_kbytes was told beyond whole frames. */
extern uint32_t min_free_rest;
extern const struct inode_operations proc_told_operations; /* to write only */

/* Tables, each ended by an entry without a name. */
extern const struct proc_file proc_root_files[];
extern const struct proc_file proc_process_files[];
/* Look up in a table, or its entry number *cookie: as inode_operations. */
int proc_table_lookup(struct inode *directory, const struct proc_file *table,
                      const char *name, struct inode **found);
int proc_table_entry(const struct proc_file *table, int pid, uint64_t *cookie,
                     struct entry_view *view);

extern const struct inode_operations proc_fd_directory_operations, proc_fdinfo_operations;
extern const struct inode_operations proc_tasks_operations, proc_thread_operations;
extern const struct inode_operations proc_comm_operations;
extern const struct inode_operations proc_link_operations; /* exe, cwd, root */
extern const struct inode_operations proc_self_operations;
extern const struct inode_operations proc_faults_operations;
extern const struct inode_operations proc_mem_operations;
extern const struct inode_operations proc_oom_adjust_operations;
extern const struct inode_operations proc_pagemap_operations;
extern const struct inode_operations proc_clear_refs_operations;
extern const struct inode_operations proc_kpagecount_operations;
extern const struct inode_operations proc_kpageflags_operations;
extern const struct inode_operations proc_sys_random_operations;
extern const struct inode_operations proc_sys_kernel_operations;
extern const struct inode_operations proc_sys_vm_operations;
extern const struct inode_operations proc_sys_fs_operations;
extern const struct inode_operations proc_sys_operations;
extern const struct inode_operations proc_sysvipc_operations;
extern const struct inode_operations proc_trace_operations;

/* A new inode of /proc in `directory`; NULL: memory. */
struct inode *proc_inode_create(struct inode *directory,
                                const struct inode_operations *operations, uint32_t mode,
                                struct proc_node node);
void proc_inode_destroy(struct inode *inode);

int proc_oom_adjust(struct proc_text *text, struct process *process);
int proc_oom_score(struct proc_text *text, struct process *process);
int proc_limits(struct proc_text *text, struct process *process);
int proc_mounts(struct proc_text *text, struct process *process);
int proc_mountinfo(struct proc_text *text, struct process *process);
int proc_filesystems(struct proc_text *text, struct process *process);
int proc_core_filter(struct proc_text *text, struct process *process);
int proc_meminfo(struct proc_text *text, struct process *process) SLEEPS;
int proc_vmstat(struct proc_text *text, struct process *process) SLEEPS;
int proc_zoneinfo(struct proc_text *text, struct process *process);
int proc_swaps(struct proc_text *text, struct process *process);
int proc_load_control(struct proc_text *text, struct process *process);
int proc_slabinfo(struct proc_text *text, struct process *process);
int proc_frames(struct proc_text *text, struct process *process) SLEEPS;
int proc_audit(struct proc_text *text, struct process *process);
int proc_maps(struct proc_text *text, struct process *process) SLEEPS;
int proc_smaps(struct proc_text *text, struct process *process) SLEEPS;
int proc_smaps_rollup(struct proc_text *text, struct process *process) SLEEPS;
/* The line of one region in maps and smaps. */
void proc_region(struct proc_text *text, const struct process *process,
                 const struct region_view *region);
int proc_pages(struct proc_text *text, struct process *process) SLEEPS;
int proc_cmdline(struct proc_text *text, struct process *process);
int proc_environ(struct proc_text *text, struct process *process);
int proc_auxv(struct proc_text *text, struct process *process);
int proc_status(struct proc_text *text, struct process *process) SLEEPS;
int proc_account(struct proc_text *text, struct process *process);
/* One thread's stat, status: of the process but for what is the thread's own. */
void proc_thread_stat(struct proc_text *text, struct thread *thread);
void proc_thread_status(struct proc_text *text, struct thread *thread,
                        const struct proc_usage *usage);

/* The root of /proc, with one reference; NULL: memory. */
struct inode *proc_root_create(void);

#endif
